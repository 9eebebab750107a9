import { z } from "@/lib/schema";

export const emailField = z.string().trim().pipe(z.email("This is not an e-mail address."));
export const passwordField = z.string().min(8, "At least 8 characters.").max(128, "At most 128 characters.");
export const nameField = z.string().trim().max(255, "At most 255 characters.");
