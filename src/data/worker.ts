// The reading worker: keeps large files off the page's thread.
import { type Port, serve } from './serve';

serve(self as unknown as Port);
