/** The parts of a composition by the words that name them: whose server, libc, locales, libicu and its data. */
export const partNames = ['pg', 'libc', 'locales', 'icu', 'icudata'] as const;

export type PartName = (typeof partNames)[number];

/** What each part is taken from, as the user wrote it; what is left out is the server's own. */
export type Composition = Readonly<Partial<Record<PartName, string>>>;
