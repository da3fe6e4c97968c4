import { join } from 'node:path';

/** Where reports lie for which no other place was named. */
export const defaultReports = join(import.meta.dirname, '../../reports/out');
