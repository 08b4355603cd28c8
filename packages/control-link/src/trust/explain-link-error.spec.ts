import { describe, expect, it } from '@jest/globals';
import { explainLinkError } from './explain-link-error.ts';

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
    const explained = explainLinkError(new Error('outer', { cause: error }), 'a:1');
    expect(explained).toMatchObject({ code, class: 'auth', endpoint: 'a:1' });
    expect(explained?.hint).toMatch(/--|clock/);
  });

  it('leaves alone what has nothing to do with the lock', () => {
    expect(explainLinkError(coded('ECONNREFUSED'), 'a:1')).toBeUndefined();
    expect(explainLinkError('text', 'a:1')).toBeUndefined();
  });
});
