export { startServer, type RunningServer, type ServerOptions } from "./server.ts";
export { makeOwnerLink } from "./owner-link.ts";
