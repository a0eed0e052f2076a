export type { ExampleQuery, FileWithFields } from "./adaptation.ts";
export { createClient, everyItem, type Abortable, type Client, type PageRequest } from "./client.ts";
export { parseEventStream, readEvents, type ServerSentEvent } from "./sse.ts";
export { ClientError, type ClientOptions, type QueryValues, type SendOptions } from "./transport.ts";
export { UPLOAD_PATH, uploadForm, type UploadFields, type UploadFile, type UploadOptions } from "./upload.ts";
