import type { ProviderName } from '../provider-name.js';
import type { Sql } from './sql.js';

/** A promise of an upload: what a provider said would be sent, and where it will answer. */
export interface Ticket {
  id: string;
  provider: ProviderName;
  account: string;
  /** URL path that the uploaded file answers under. */
  path: string;
  contentType: string | null;
  bytes: number | null;
  issuedAt: number;
  /** When the upload URL stops working. */
  urlExpiresAt: number | null;
  /** When the stored file is deleted. */
  fileExpiresAt: number | null;
  multipart: boolean;
}

interface Row {
  id: string;
  provider: ProviderName;
  account: string;
  path: string;
  content_type: string | null;
  bytes: number | null;
  issued_at: number;
  url_expires_at: number | null;
  file_expires_at: number | null;
  multipart: number;
}

/** The upload tickets that were issued. */
export class TicketTable {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  issue(ticket: Ticket): void {
    this.#sql
      .prepare(
        `INSERT INTO tickets (id, provider, account, path, content_type, bytes, issued_at, url_expires_at, file_expires_at, multipart)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        ticket.id,
        ticket.provider,
        ticket.account,
        ticket.path,
        ticket.contentType,
        ticket.bytes,
        ticket.issuedAt,
        ticket.urlExpiresAt,
        ticket.fileExpiresAt,
        ticket.multipart ? 1 : 0,
      );
  }

  find(provider: ProviderName, id: string): Ticket | undefined {
    const row = this.#sql.prepare('SELECT * FROM tickets WHERE provider = ? AND id = ?').get(provider, id) as
      | Row
      | undefined;
    if (row === undefined) return undefined;
    return {
      id: row.id,
      provider: row.provider,
      account: row.account,
      path: row.path,
      contentType: row.content_type,
      bytes: row.bytes,
      issuedAt: row.issued_at,
      urlExpiresAt: row.url_expires_at,
      fileExpiresAt: row.file_expires_at,
      multipart: row.multipart === 1,
    };
  }
}
