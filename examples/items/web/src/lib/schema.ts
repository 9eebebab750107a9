import { z } from "zod";

// Without this zod tries out whether it may compile code, which a content security policy reports.
z.config({ jitless: true });

export { z };
