// Routes of the audit trail: the search, and what it finds as CSV.
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { printAudit } from '../run/audit/print.ts';
import { auditPage, mostPages, rowsOfPage } from './audit-page.ts';
import { auditQuery } from './audit-query.ts';
import { field, numberOf } from './fields.ts';
import { rowsOf } from './job-routes.ts';
import type { Page } from './layout.ts';
import { refused } from './refusals.ts';
import type { PageOptions, Show } from './visit.ts';

export function serveAudit(app: FastifyInstance, show: Show<Page>, { store, clock }: PageOptions): void {
  app.get('/audit', (request, reply) =>
    show(request, reply, async (visit) => {
      const query = auditQuery(request.query, visit.now);
      const page = Math.min(numberOf(field(request.query, 'page')) ?? 1, mostPages);
      if (Object.keys(query.problems).length > 0) {
        reply.code(400);
        return auditPage({ query, rows: [], page }, visit);
      }
      const rows = await rowsOf(store, { ...query.filter, limit: page * rowsOfPage + 1 });
      return auditPage({ query, rows: rows.slice((page - 1) * rowsOfPage), page }, visit);
    }),
  );

  app.get('/audit.csv', (request, reply) => {
    const { filter, problems } = auditQuery(request.query, clock.now());
    const [problem] = Object.values(problems);
    if (problem !== undefined) throw refused(400, 'That cannot be searched for', problem);
    const stream = new PassThrough();
    // A browser that goes away closes the stream, and with it the search.
    printAudit(store.audit.find(filter), { format: 'csv', to: stream }).then(
      () => stream.end(),
      (error: unknown) => stream.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="audit.csv"')
      .send(stream);
  });
}
