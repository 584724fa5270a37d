// What hangs below a record: attachments, history, online invoice, CIS settings, payment services.
import { type Books, idOf } from '../../books/index.ts';
import { isoLocal, stamp } from './dates.ts';
import type { Endpoint } from './endpoint.ts';
import { object, text } from './json.ts';
import type { Look } from './look.ts';

/** One array of a reply: its key and its JSON text. */
export interface NamedJson {
  readonly key: string;
  readonly json: string;
}

/** `/Invoices/{id}/{name}`; undefined when the endpoint has no such thing below it. */
export function subresource(
  name: string,
  endpoint: Endpoint,
  record: object,
  look: Look,
): NamedJson | undefined {
  const key = name.toLowerCase();
  const id = endpoint.id(record);
  if (key === 'attachments' && endpoint.attachments)
    return { key: 'Attachments', json: attachmentsJson(endpoint, record, look.books) };
  if (key === 'history' && endpoint.history)
    return { key: 'HistoryRecords', json: historyJson(record, look) };
  if (key === 'onlineinvoice' && endpoint.name === 'Invoices')
    return { key: 'OnlineInvoices', json: `[{"OnlineInvoiceUrl":"https://in.xero.com/${id.slice(0, 8)}"}]` };
  if (key === 'cissettings' && endpoint.name === 'Contacts')
    return { key: 'CISSettings', json: '[{"CISEnabled":false}]' };
  if (key === 'paymentservices' && endpoint.name === 'BrandingThemes')
    return { key: 'PaymentServices', json: paymentServicesJson(look.books) };
  return undefined;
}

function attachmentsJson(endpoint: Endpoint, record: object, books: Books): string {
  if (!('attachments' in record) || record.attachments !== true) return '[]';
  const id = endpoint.id(record);
  const attachment = object({
    AttachmentID: `"${idOf(books, `attachment ${id}`, 0)}"`,
    FileName: text('scan of "original".pdf'),
    Url: text(
      `https://api.xero.com/api.xro/2.0/${endpoint.name}/${id}/Attachments/scan%20of%20%22original%22.pdf`,
    ),
    MimeType: '"application/pdf"',
    ContentLength: '76091',
    IncludeOnline: 'false',
  });
  return `[${attachment}]`;
}

function historyJson(record: object, look: Look): string {
  const at = 'createdAt' in record && typeof record.createdAt === 'number' ? record.createdAt : 0;
  const [user] = look.books.users;
  const created = object({
    Changes: '"Created"',
    DateUTCString: `"${isoLocal(at)}"`,
    DateUTC: stamp(at, look),
    User: text(user ? `${user.firstName} ${user.lastName}` : 'System Generated'),
    Details: '""',
  });
  return `[${created}]`;
}

export function paymentServicesJson(books: Books): string {
  const service = object({
    PaymentServiceID: `"${idOf(books, 'paymentService', 0)}"`,
    PaymentServiceName: '"PayUpNow"',
    PaymentServiceUrl: '"https://www.payupnow.com/"',
    PaymentServiceType: '"Custom"',
    PayNowText: '"Time To Pay"',
  });
  return `[${service}]`;
}

const ACTIONS =
  'CreateApprovedInvoice CreateDraftPurchaseOrder CreateApprovedBill AttachFilesIntoInvoice UseMulticurrency CreateDraftInvoice CreateRepeatingInvoice CreateRepeatingBill CreateSentQuote CreateInvoicePayment CreateApprovedPurchaseOrder CreateDraftQuote CreateDraftBill'.split(
    ' ',
  );

/** What the organisation's plan lets the app do. */
export const actionsJson = (): string => JSON.stringify(ACTIONS.map((Name) => ({ Name, Status: 'ALLOWED' })));

/** People of the withdrawn Employees endpoint. */
export function employeesJson(books: Books, look: Look): string {
  const rows = books.users.map((one) =>
    object({
      EmployeeID: `"${idOf(books, `employee ${one.id}`, 0)}"`,
      Status: one.role === 'removed' ? '"ARCHIVED"' : '"ACTIVE"',
      FirstName: text(one.firstName),
      LastName: text(one.lastName),
      UpdatedDateUTC: stamp(one.updatedAt, look),
    }),
  );
  return `[${rows.join(',')}]`;
}
