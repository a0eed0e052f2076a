/** The rows that the API itself reads and writes, in memory. Everything else of the store is behind use cases that are doubles too. */
import {
  newId,
  type ApiKey,
  type AuditEntry,
  type Chunk,
  type Collection,
  type Conversation,
  type DocumentRecord,
  type Facets,
  type Message,
  type SearchFilter,
  type Store,
  type User,
} from "@lorekeep/core";

export interface FakeRows {
  readonly users: (User & { passwordHash: string })[];
  readonly sessions: Map<string, { id: ReturnType<typeof newId<"session">>; user: User; expiresAt: string }>;
  readonly keys: Map<string, ApiKey>;
  readonly oneTimeSecrets: Map<string, string>;
  readonly audit: AuditEntry[];
  readonly collections: Map<string, Collection>;
  readonly documents: Map<string, DocumentRecord>;
  readonly chunks: Chunk[];
  readonly conversations: Map<string, Conversation & { owner: string }>;
  readonly messages: Message[];
}

export const emptyRows = (): FakeRows => ({
  users: [],
  sessions: new Map(),
  keys: new Map(),
  oneTimeSecrets: new Map(),
  audit: [],
  collections: new Map(),
  documents: new Map(),
  chunks: [],
  conversations: new Map(),
  messages: [],
});

const page = <Item>(items: readonly Item[], limit: number) => ({ items: items.slice(0, limit), nextCursor: null });
const now = () => new Date().toISOString();

function fakeAccounts(rows: FakeRows): Store["accounts"] {
  return {
    countUsers: async () => rows.users.length,
    createOwner: async ({ name, passwordHash }) => {
      const user = { id: newId("user"), name, role: "owner" as const, createdAt: now(), passwordHash };
      rows.users.push(user);
      return user;
    },
    findUser: async (name) => rows.users.find((user) => user.name === name) ?? null,
    getUser: async (id) => rows.users.find((user) => user.id === id) ?? null,
    createSession: async ({ userId, tokenHash, expiresAt }) => {
      const user = rows.users.find((each) => each.id === userId)!;
      const id = newId("session");
      rows.sessions.set(tokenHash, { id, user, expiresAt });
      return id;
    },
    findSession: async (hash, at) => {
      const session = rows.sessions.get(hash);
      return session !== undefined && session.expiresAt > at ? session : null;
    },
    deleteSession: async (hash) => void rows.sessions.delete(hash),
    createKey: async ({ secretHash, ...rest }) => {
      const key: ApiKey = { ...rest, id: newId("apiKey"), lastUsedAt: null, createdAt: now() };
      rows.keys.set(secretHash, key);
      return key;
    },
    findKey: async (hash, at) => {
      const key = rows.keys.get(hash);
      if (key === undefined || (key.expiresAt !== null && key.expiresAt <= at)) return null;
      const used = { ...key, lastUsedAt: at };
      rows.keys.set(hash, used);
      return used;
    },
    listKeys: async () => [...rows.keys.values()],
    revokeKey: async (id) => {
      const hash = [...rows.keys].find(([, key]) => key.id === id)?.[0];
      return hash !== undefined && rows.keys.delete(hash);
    },
    putOneTimeSecret: async (purpose, hash, expiresAt) => {
      rows.oneTimeSecrets.clear();
      rows.oneTimeSecrets.set(`${purpose}:${hash}`, expiresAt);
    },
    takeOneTimeSecret: async (purpose, hash, at) => {
      const expiresAt = rows.oneTimeSecrets.get(`${purpose}:${hash}`);
      return rows.oneTimeSecrets.delete(`${purpose}:${hash}`) && expiresAt !== undefined && expiresAt > at;
    },
  };
}

function fakeConversations(rows: FakeRows): Partial<Store["conversations"]> {
  const owned = (id: string, owner: string) => {
    const found = rows.conversations.get(id);
    return found?.owner === owner ? found : null;
  };
  return {
    create: async (request) => {
      const conversation = { ...request, id: newId("conversation"), createdAt: now(), updatedAt: now() };
      rows.conversations.set(conversation.id, conversation);
      return conversation;
    },
    get: async (id, owner) => owned(id, owner),
    list: async (owner, { limit }) =>
      page(
        [...rows.conversations.values()].filter((each) => each.owner === owner),
        limit,
      ),
    rename: async (id, owner, title) => {
      const found = owned(id, owner);
      if (found !== null) rows.conversations.set(id, { ...found, title });
    },
    delete: async (id, owner) => owned(id, owner) !== null && rows.conversations.delete(id),
    messages: async (id) => rows.messages.filter((message) => message.conversationId === id),
    addMessage: async (message) => {
      const full: Message = {
        condensedQuestion: null,
        refused: false,
        reason: null,
        extractive: false,
        citations: [],
        passages: [],
        trace: [],
        usage: null,
        model: null,
        feedback: null,
        ...message,
        id: newId("message"),
        createdAt: now(),
      };
      rows.messages.push(full);
      return full;
    },
    getMessage: async (id, owner) => {
      const message = rows.messages.find((each) => each.id === id);
      return message !== undefined && owned(message.conversationId, owner) !== null ? message : null;
    },
    setFeedback: async (id, owner) => {
      const message = rows.messages.find((each) => each.id === id);
      return message !== undefined && owned(message.conversationId, owner) !== null;
    },
  };
}

export function fakeStore(rows: FakeRows): Store {
  const store = {
    accounts: fakeAccounts(rows),
    conversations: fakeConversations(rows),
    audit: {
      record: async ({ actor, action, target = null, detail = {} }) => {
        rows.audit.unshift({ id: rows.audit.length + 1, at: now(), actor, action, target, detail });
      },
      list: async ({ limit }) => page(rows.audit, limit),
    } satisfies Store["audit"],
    collections: {
      get: async (id: string) => rows.collections.get(id) ?? null,
      getByName: async (name: string) => [...rows.collections.values()].find((each) => each.name === name) ?? null,
      list: async ({ limit }: { limit: number }) => page([...rows.collections.values()], limit),
    },
    documents: {
      get: async (id: string) => rows.documents.get(id) ?? null,
      list: async (query: Parameters<Store["documents"]["list"]>[0]) =>
        page(
          [...rows.documents.values()].filter(
            (document) =>
              (query.collectionId === undefined || document.collectionId === query.collectionId) &&
              (query.collectionIds === undefined || query.collectionIds.includes(document.collectionId)),
          ),
          query.limit,
        ),
    },
    passages: {
      facets: async (generationIds: readonly string[], filter: SearchFilter): Promise<Facets> => ({
        admitted: Object.keys(filter).length === 0 ? generationIds.length : 0,
        documents: generationIds.length,
        ...{ tags: [], folders: [], languages: [], mediaTypes: [], created: [], metadata: [] },
      }),
      getChunk: async (id: string) => {
        const chunk = rows.chunks.find((each) => each.id === id);
        return chunk === undefined ? null : { ...chunk, documentName: "doc" };
      },
      listChunks: async (id: string, { limit }: { limit: number }) =>
        page(
          rows.chunks.filter((chunk) => chunk.documentId === id),
          limit,
        ),
      readPages: async () => [{ ordinal: 0, page: 1, label: null, start: 0, text: "page one", regions: [] }],
    },
  };
  return store as unknown as Store; // holds: the API calls nothing else of the store
}
