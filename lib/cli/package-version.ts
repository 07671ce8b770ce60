import { createRequire } from 'node:module';

/** Version of this package. It is found by the package's own name, because the source and what is built from it lie at different depths. */
export function packageVersion(): string {
  const require = createRequire(import.meta.url);
  const { version } = require('rocketmq-remoting/package.json') as { readonly version: string };
  return version;
}
