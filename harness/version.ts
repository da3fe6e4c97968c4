import packageJson from '../package.json' with { type: 'json' };

/** The version of this Redoubt, as in package.json. */
export const redoubtVersion: string = packageJson.version;
