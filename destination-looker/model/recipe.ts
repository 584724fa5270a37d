// What the generator has to be told about a ledger: which streams are documents, and where their figures stand.

/** Only rows whose column at `path` holds one of `values`. */
export interface When {
  readonly path: string;
  readonly values: readonly string[];
}

/** A document with lines: an invoice, a bill, a credit note, an order. Paths are of the record, with dots. */
export interface DocumentRecipe {
  readonly explore: string;
  readonly label: string;
  readonly description: string;
  readonly stream: string;
  /** Path of the array of lines. */
  readonly lines: string;
  /** What the sum of its lines is called: revenue, spend. */
  readonly figure: { readonly name: string; readonly label: string };
  /** What is still open on it: outstanding, unused credit. */
  readonly open?: {
    readonly label: string;
    readonly amount: string;
    /** The same in home currency, where the ledger tells it. */
    readonly home?: string;
    readonly when?: When;
  };
  readonly party: { readonly label: string; readonly key: string; readonly name: string };
  readonly issued: string;
  readonly due?: string;
  readonly currency: string;
  readonly rate: { readonly path: string; readonly to: 'divide' | 'multiply' };
  /** Documents that count; all when absent. */
  readonly counts?: When;
  /** Sum of the lines without tax: one column, or the total less the tax. */
  readonly net: readonly [total: string, tax?: string];
  readonly line: LineRecipe;
  /** Class and location that a whole document carries. */
  readonly class?: string;
  readonly location?: string;
}

export interface LineRecipe {
  readonly amount: string;
  /** Subtracted where the document says that line amounts contain tax. */
  readonly tax?: { readonly path: string; readonly contained: When };
  /** Lines of these kinds are no amounts of their own, or count the other way. */
  readonly kind?: {
    readonly path: string;
    readonly skip: readonly string[];
    readonly negative: readonly string[];
  };
  /** Where the account stands: the first one filled. */
  readonly accounts: readonly string[];
  readonly items: readonly string[];
  /** The account of the item, where the line names none. */
  readonly itemAccount?: string;
  readonly classes?: readonly string[];
}

/** Rows that stand alone: payments, ledger entries, accounts. */
export interface EntryRecipe {
  readonly explore: string;
  readonly label: string;
  readonly description: string;
  readonly stream: string;
  /** Path of the array whose elements are the rows; absent: the records themselves. */
  readonly rows?: string;
  /** Columns that only add up for each value of another column, e.g. amounts in the currency of a bank account. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Sums with a condition. */
  readonly figures: readonly FigureRecipe[];
  readonly counts?: When;
}

export interface FigureRecipe {
  readonly name: string;
  readonly label: string;
  readonly amount: string;
  readonly when?: When;
  /** Rows that count the other way. */
  readonly negative?: When;
  /** Only amounts above 0, or those below it, turned round. */
  readonly side?: 'positive' | 'negative';
}

export interface Ledger {
  readonly name: string;
  /** The streams that show it is this ledger. */
  readonly tenant: string;
  /** Where the home currency of a tenant stands; a path in JSON below the column when there are more parts. */
  readonly company: { readonly stream: string; readonly currency: string; readonly json?: readonly string[] };
  readonly accounts: { readonly stream: string; readonly name: string };
  /** Streams that hold the names of classes and locations. */
  readonly classes?: { readonly stream: string; readonly name: string };
  readonly locations?: { readonly stream: string; readonly name: string };
  readonly documents: readonly DocumentRecipe[];
  readonly entries: readonly EntryRecipe[];
}
