import { type TypedDocument, typesOf } from '../http/document/typescript.ts';
import { apiDocument } from './api-document.ts';

/** The source of `src/client/api.ts`: what the API takes and answers, as types. */
export const clientTypes = async (): Promise<string> =>
  typesOf((await apiDocument('client')) as TypedDocument);
