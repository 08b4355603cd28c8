export { maskSecrets } from './mask-secrets.ts';
export { maskTexts } from './mask-texts.ts';
export { Secret } from './secret.ts';
