export * from "./bullmq-queue.ts";
export * from "./kinds.ts";
export { readEvictionPolicy } from "./redis.ts";
export * from "./schedules.ts";
export * from "./sqlite-queue.ts";
