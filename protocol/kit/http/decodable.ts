// Reads JSON bodies inside `retry`, so that a cut one is asked for again.
import type { Layer } from './http.ts';

/**
 * Place it directly inside `retry`. A 2xx answer that says `application/json` but cannot be decoded becomes a
 * LostAnswer, which `retry` repeats for repeatable requests. Xero sometimes sends 200 with truncated JSON. The parsed
 * value is kept: `json()` costs nothing afterwards.
 */
export function decodable(): Layer {
  return (next) =>
    async function decoded(request) {
      const response = await next(request);
      if (saysJson(response.headers['content-type']) && succeeded(response.status) && hasBody(request.method))
        response.json();
      return response;
    };
}

const saysJson = (type = ''): boolean => /^application\/(?:[\w.-]+\+)?json\b/i.test(type);
const succeeded = (status: number): boolean => status >= 200 && status < 300 && status !== 204;
const hasBody = (method: string): boolean => method !== 'HEAD';
