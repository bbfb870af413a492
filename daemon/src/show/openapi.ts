import { toJsonSchema } from '@valibot/to-json-schema';
import { LIVE, Problem, ROUTES } from './api.ts';

type Schema = Parameters<typeof toJsonSchema>[0];
type Json = { readonly [key: string]: unknown };

/** OpenAPI 3.1, derived from the schemas that the server itself checks with. */
export function openApi(): Json {
  const paths: Record<string, Json> = {
    [LIVE]: {
      get: {
        summary: 'One `cycle` event at once and for each new cycle',
        responses: { 200: { description: 'events', content: { 'text/event-stream': {} } } },
      },
    },
  };
  for (const [path, { about, takes, answers }] of Object.entries(ROUTES)) {
    paths[path] = {
      get: {
        summary: about,
        parameters: parametersOf(takes, path),
        responses: {
          200: described('the answer', answers),
          400: described('a parameter is wrong', Problem),
          404: described('what the request names does not exist', Problem),
          503: described('the database cannot be read', Problem),
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vigía',
      version: '1',
      description: 'Read only. Times are epoch seconds in answers, epoch milliseconds in ranges.',
    },
    paths,
  };
}

function parametersOf(takes: Schema, path: string): Json[] {
  // `input`: parameters as query strings carry them. Ranges are not part of it; the 400 answer reports them.
  const schema = toJsonSchema(takes, { typeMode: 'input', errorMode: 'ignore' });
  return Object.entries(schema.properties ?? {}).map(([name, rule]) => ({
    name,
    in: path.includes(`{${name}}`) ? 'path' : 'query',
    required: schema.required?.includes(name) ?? false,
    schema: rule,
  }));
}

function described(description: string, schema: Schema): Json {
  const { $schema, ...rest } = toJsonSchema(schema, { typeMode: 'output', errorMode: 'ignore' });
  return { description, content: { 'application/json': { schema: rest } } };
}
