// The schemas' library, told to compile none of them to program text: the page's policy lets no text become program.
import { z } from 'zod';

z.config({ jitless: true });

export { z };
