import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate authority of a test's own, and of a server that it vouches for. */
export interface TestCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes them in a folder by openssl; the server goes by the names in `names`, such as `DNS:localhost`. */
export function makeCertificates(folder: string, name: string, names: readonly string[]): TestCertificates {
  const file = (kind: string) => join(folder, `${name}-${kind}`);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-subj', `/CN=${name} authority`, '-days', '2'],
    ...['-keyout', file('ca.key'), '-out', file('ca.pem')],
  );
  openssl(
    ...['req', ...newKey, '-subj', `/CN=${name} server`, '-keyout', file('server.key')],
    ...['-out', file('server.csr')],
  );
  writeFileSync(file('names'), `subjectAltName=${names.join(',')}\n`);
  openssl(
    ...['x509', '-req', '-in', file('server.csr'), '-days', '2', '-extfile', file('names')],
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-out', file('server.pem')],
  );
  return { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') };
}
