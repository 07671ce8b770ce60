// A thread has a loader of its own, which must learn TypeScript before `worker.ts` can be loaded.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
