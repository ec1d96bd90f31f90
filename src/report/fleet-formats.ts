/** Forms of a fleet's summary, which only `bycatch report` loads. */
import { renderFleetHtml, renderFleetJson } from "./render-fleet.js";

/** Each form by the name that the command line has for it. */
export const fleetRenderers = { html: renderFleetHtml, json: renderFleetJson };
