import type { ConnectFailure } from '../errors.ts';

const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nothing listens there',
  ECONNRESET: 'the other end reset the connection',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENETDOWN: 'the network is down',
  ETIMEDOUT: 'no answer from the host',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up for now',
  EACCES: 'not permitted by this machine',
  EPERM: 'not permitted by this machine',
  EADDRNOTAVAIL: 'no local address or port is free for it',
  EMFILE: 'too many open files in this process',
  EPROTO: 'the TLS handshake failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the other end does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the other end does not speak TLS',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

const remedies: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'give the certificate as tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'give the authority as tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'give the authority as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'give the authority as tls.ca',
  ERR_TLS_CERT_ALTNAME_INVALID: 'give the name it is for as tls.servername',
  ERR_SSL_WRONG_VERSION_NUMBER: 'leave out tls, or switch it on at the server',
};

/** What an error of the operating system or of TLS means for somebody who tried to connect. */
export function describeConnectFailure(cause: Error): Pick<ConnectFailure, 'problem' | 'remedy'> {
  const code = codeOf(cause);
  return {
    problem: (code === undefined ? undefined : problems[code]) ?? cause.message,
    remedy: code === undefined ? undefined : remedies[code],
  };
}

function codeOf(cause: Error): string | undefined {
  // A host with several addresses fails with one error for each.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (typeof first !== 'object' || first === null || !('code' in first)) return undefined;
  return typeof first.code === 'string' ? first.code : undefined;
}
