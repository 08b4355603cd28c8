export { maskSecrets } from './mask-secrets.ts';
export { Secret } from './secret.ts';
