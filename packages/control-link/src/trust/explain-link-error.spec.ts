import { describe, expect, it } from '@jest/globals';
import { formatError } from '@sai3bench/errors';
import { explainLinkError } from './explain-link-error.ts';

const REMOTE = { address: 'a:1', isLoopback: false };
const LOCAL = { address: '127.0.0.1:1', isLoopback: true };
const coded = (code: string, message = ''): Error => Object.assign(new Error(message), { code });

describe('explainLinkError()', () => {
  it.each([
    [coded('CERT_HAS_EXPIRED'), 'AGENT_CERTIFICATE_EXPIRED'],
    [coded('CERT_NOT_YET_VALID'), 'AGENT_CERTIFICATE_EXPIRED'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'AGENT_CERTIFICATE_WRONG'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'AGENT_CERTIFICATE_WRONG'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'AGENT_CERTIFICATE_WRONG'],
    [coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'CONTROLLER_CERTIFICATE'],
    [coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'CONTROLLER_CERTIFICATE'],
    [coded('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'AGENT_WITHOUT_TLS'],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'AGENT_WITHOUT_TLS'],
  ])('says of %s what is wrong and what to do', (error, code) => {
    const explained = explainLinkError(new Error('outer', { cause: error }), REMOTE);
    expect(explained).toMatchObject({ code, class: 'auth', endpoint: 'a:1' });
    expect(explained?.hint).toMatch(/--|clock/);
  });

  it('knows that an agent of this host speaks TLS only when it is told to', () => {
    const error = coded('ERR_SSL_WRONG_VERSION_NUMBER');
    expect(explainLinkError(error, LOCAL)?.hint).toBe(
      'leave --tls away, with all options about certificates, or start the agent with --tls',
    );
    expect(explainLinkError(error, REMOTE)?.hint).toContain('start the agent without --insecure;');
  });

  it('keeps what the TLS library says of a certificate, and leaves away the error queue of OpenSSL', () => {
    const named = coded('ERR_TLS_CERT_ALTNAME_INVALID', "Host: b. is not in the cert's altnames");
    const queue = coded(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      '40ED2C68B97F0000:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:SSL alert number 70\n',
    );
    expect(formatError(explainLinkError(named, REMOTE))).toContain("is not in the cert's altnames");
    expect(formatError(explainLinkError(queue, LOCAL))).toMatch(
      /^cannot talk to the agent at 127\.0\.0\.1:1: it does not speak TLS\n {2}-> leave --tls away/,
    );
  });

  it('leaves alone what has nothing to do with the lock', () => {
    expect(explainLinkError(coded('ECONNREFUSED'), REMOTE)).toBeUndefined();
    expect(explainLinkError('text', REMOTE)).toBeUndefined();
  });
});
