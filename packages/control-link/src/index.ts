export { identityFromFiles, ownIdentity, readPem } from './certificate/agent-identity.ts';
export { fingerprintOf, parseFingerprints } from './certificate/fingerprint.ts';
export { makeSelfSigned } from './certificate/self-signed.ts';
export { controlHome } from './control-home.ts';
export { readPrivateFile } from './private-file.ts';
export { isProcessGone, ownProcess, processOf } from './process/host-process.ts';
export { decideLink } from './link-policy.ts';
export { PROOF_PATH } from './token/proof-headers.ts';
export { readToken, TOKEN_VARIABLE, tokenRecipe } from './token/read-token.ts';
export { TokenGate } from './token/token-gate.ts';
export { TrustExchange } from './trust/agent-trust.ts';
export { explainLinkError, type LinkedAgent } from './trust/explain-link-error.ts';
export { KnownAgents, knownAgentsFile } from './trust/known-agents.ts';

export type { Identity } from './certificate/agent-identity.ts';
export type { KeyPair } from './certificate/self-signed.ts';
export type { LinkKind, LinkWishes } from './link-policy.ts';
export type { HostProcess } from './process/host-process.ts';
export type { ProofAnswer, TrustOptions } from './trust/agent-trust.ts';
