// POST and PUT of fileUploads (tableau.md 2.1).
import { mayPublishAtAll } from './access.ts';
import type { Call, Result } from './call.ts';
import { badRequest } from './errors.ts';
import type { World } from './model.ts';
import { readParts } from './multipart.ts';
import { megabyte, type Upload } from './uploads.ts';

export function uploadHandlers({ uploads, switches }: World) {
  const describe = (upload: Upload): Record<string, string> => ({
    uploadSessionId: upload.id,
    // Live servers count in megabytes.
    fileSize: String(Math.floor(upload.bytes / megabyte)),
  });
  return {
    start: async ({ session, site }: Call): Promise<Result> => {
      mayPublishAtAll(session.user, site);
      return { status: 201, tree: { fileUpload: describe(await uploads.start(site, session.user)) } };
    },
    append: async ({ session, site, parts: [id = ''], query, request }: Call): Promise<Result> => {
      mayPublishAtAll(session.user, site);
      const upload = uploads.find(id, site, session.user);
      const parts = readParts(request.body, request.headers['content-type']);
      const file = parts.find(({ name }) => name === 'tableau_file');
      if (parts[0]?.name !== 'request_payload')
        throw badRequest(400003, 'The first part must be request_payload');
      if (!file) throw badRequest(400020, 'The request has no part tableau_file');
      const sequence = query.get('sequenceID');
      await uploads.add(upload, file.body, sequence === null ? undefined : Number(sequence));
      return { status: switches.chunkStatus, tree: { fileUpload: describe(upload) } };
    },
  };
}
