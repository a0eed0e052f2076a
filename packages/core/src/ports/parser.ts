/** Bytes → parsed document, in a limited child process. */
import type { ParsedDocument } from "../domain.ts";

export interface ParseRequest {
  /** A local file that the child may read. */
  readonly path: string;
  /** The uploader's file name and media type: hints only, magic bytes decide. */
  readonly name: string;
  readonly mediaType: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
}

export interface Parser {
  /**
   * Throws document_empty, document_encrypted, document_corrupt, document_format_unsupported, document_no_text,
   * document_parse_timeout, document_parse_memory, document_bomb, parser_crashed, aborted.
   */
  parse(request: ParseRequest): Promise<ParsedDocument>;
  close(): Promise<void>;
}
