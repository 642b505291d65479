import Type from 'typebox';
import { Sha256, SystemId } from '../../events/values.ts';
import { closed } from './common.ts';

export const FileParams = Type.Object(
  { systemId: SystemId, file: Type.String({ maxLength: 60, examples: ['v1.3.0.onnx'] }) },
  closed,
);

export const MemberFileParams = Type.Object(
  {
    systemId: SystemId,
    version: Type.String({ maxLength: 60, examples: ['v1.3.0'] }),
    file: Type.String({ maxLength: 60, examples: ['xgboost.onnx'] }),
  },
  closed,
);

export const FileHeaders = Type.Object({
  range: Type.Optional(Type.String({ maxLength: 100, description: 'One range of bytes.' })),
  'if-range': Type.Optional(Type.String({ maxLength: 100 })),
  'if-none-match': Type.Optional(Type.String({ maxLength: 100 })),
});

export const SignedFileParams = Type.Object({ checksum: Sha256 }, closed);

export const SignatureQuery = Type.Object(
  { expires: Type.String({ maxLength: 20 }), signature: Type.String({ maxLength: 100 }) },
  closed,
);
