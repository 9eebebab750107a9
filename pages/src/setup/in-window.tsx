/** Set-up and Settings for the window, loaded only when they are shown. */

import "./setup.css";
import "./fields/fields.css";
import "./settings.css";

export { Setup } from "./setup";
