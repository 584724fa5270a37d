// Names and texts of the generated company, the plain ones and the hostile ones.

export const FIRST_NAMES = [
  'Aroha',
  'Liam',
  'Mei',
  'Noah',
  'Priya',
  'Sione',
  'Olga',
  'José',
  'Zoë',
  'Tāne',
  'Björk',
  'Chloe',
];
export const LAST_NAMES = [
  'Smith',
  "O'Neill",
  'Ngata',
  'Müller',
  'Tanaka',
  'Patel',
  'García',
  'Nguyễn',
  'Brown',
  'Łukasik',
];
export const TRADES = [
  'Plumbing',
  'Foods',
  'Logistics',
  'Design',
  'Timber',
  'Dental',
  'Motors',
  'Analytics',
  'Farms',
  'Printing',
];
export const ENDINGS = ['Ltd', 'Limited', 'Group', '& Sons', 'Co.', 'Partners', 'NZ', 'Holdings'];
export const CITIES = [
  'Auckland',
  'Wellington',
  'Ōtepoti Dunedin',
  'Sydney',
  'London',
  'San José',
  'Tauranga',
];

export const SALES_TEXTS = [
  'Consulting services',
  'Monthly retainer',
  'Installation on site',
  'Replacement parts',
  'Freight recovered',
  'Design work, second round',
  'Support hours',
  'Training day',
];
export const PURCHASE_TEXTS = [
  'Office supplies',
  'Raw materials',
  'Electricity',
  'Subcontractor hours',
  'Software subscription',
  'Courier',
  'Rent',
  'Vehicle fuel',
];

/** Texts that have broken importers: quoting, markup, formulas, control characters, text beyond the BMP, and sheer length. */
export const HOSTILE_TEXTS = [
  'He said "hello", then left; \'quoted\' and `ticked`',
  'First line\nSecond line\r\nThird\tline',
  'Emoji 🦄🚀 and family 👨‍👩‍👧‍👦',
  'Beyond the BMP: 𝒜𝓁𝒾𝒸𝑒 𠜎𠜱 𓀀',
  "=cmd|' /C calc'!A0",
  '<script>alert("x")</script> & <b>bold</b> ]]>',
  'Back\\slash \\n \\" \\u0041 /Date(1539993600000+0000)/',
  'Separators \u2028 and \u2029, zero\u200bwidth, \ufeff mark',
  'שלום עולم RTL \u202eoverride',
  '  padded on both sides  ',
  'NULL',
  "Robert'); DROP TABLE invoices; --",
  '0012345',
  '2018-10-20T00:00:00',
  `Very long description: ${'the quick brown fox jumps over the lazy dog '.repeat(90)}`,
];

/** Contact names that collide once case, width or spaces are folded, or that look like something else. */
export const HOSTILE_NAMES = [
  'Acme Parts',
  'ACME PARTS',
  'acme parts',
  'Acme  Parts',
  'D\'Arcy "Quoted" Brothers',
  '🦄 Unicorn Rentals',
  '𝒜𝓁𝒾𝒸𝑒 Holdings',
  'Straße & Söhne GmbH',
  'STRASSE & SÖHNE GMBH',
  'null',
  '007',
  'Line\nBreak Traders',
  '{{ template }} <Co> & "Sons"',
];

export const HOSTILE_OPTION = "{{ 7 }}'; DROP TABLE x; --";
