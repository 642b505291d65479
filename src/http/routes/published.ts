import { NotFound } from '../../cloud/refusals.ts';
import { factTypes } from '../../events/catalogue.ts';
import type { App, HttpDependencies, HttpOptions } from '../dependencies.ts';
import { asyncApiDocument } from '../document/asyncapi.ts';
import { open } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AsyncApiSchema, FactDataSchema, FactTypeList, FactTypeParams } from '../schemas/published.ts';

const tags = ['documents'];
const urlOf = (type: string): string => `/schemas/${type}`;

function schemaRoutes(app: App): void {
  app.get(
    '/schemas',
    {
      config: { access: open },
      schema: {
        tags,
        operationId: 'listSchemas',
        summary: 'The types of facts with their schemas',
        response: answers({ 200: FactTypeList }),
      },
    },
    async () => ({
      items: factTypes.map(({ type, streamType, version }) => ({
        type,
        streamType,
        version,
        url: urlOf(type),
      })),
    }),
  );
  app.get(
    '/schemas/:type',
    {
      config: { access: open, refusals: [404] },
      schema: {
        tags,
        operationId: 'getSchema',
        summary: 'The JSON Schema of a fact’s data, in the version of today',
        description: 'As the log keeps it: shares as fractions. The API and events tell them in percent.',
        params: FactTypeParams,
        response: answers({ 200: FactDataSchema }),
      },
    },
    async ({ params: { type } }) => {
      const found = factTypes.find((each) => each.type === type);
      if (found === undefined) throw new NotFound('fact type', type, 'GET /schemas lists them');
      const { schema, streamType, description, version } = found;
      const about = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: urlOf(type),
        title: type,
      };
      return {
        ...about,
        description: `${description} In streams ${streamType}, version ${version}.`,
        ...schema,
      };
    },
  );
}

/** What machines read of this service: the schemas of facts, and the messages on topics and subjects. */
export const publishedRoutes =
  ({ deviceHome }: Pick<HttpDependencies, 'deviceHome'>, { version }: Pick<HttpOptions, 'version'>) =>
  async (app: App): Promise<void> => {
    schemaRoutes(app);
    app.get(
      '/asyncapi.json',
      {
        config: { access: open },
        schema: {
          tags,
          operationId: 'getAsyncApi',
          summary: 'The messages on MQTT topics and NATS subjects, as AsyncAPI 3',
          response: answers({ 200: AsyncApiSchema }),
        },
      },
      async () => asyncApiDocument(deviceHome.topicPrefix, version),
    );
    app.get('/openapi.json', { config: { access: open }, schema: { hide: true } }, async () => app.swagger());
  };
