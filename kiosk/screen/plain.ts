import { z } from 'zod';

// The page is served without leave to evaluate text as code; zod must not even try.
z.config({ jitless: true });
