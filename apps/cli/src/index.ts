export { runMain, type MainOptions } from "./main.ts";
