import Type from 'typebox';

/** Problem details as every error answer carries them; some have further members, such as `jobId`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong and what to do.' }),
    code: Type.String({ description: 'The kind of problem, stable for programs.' }),
    instance: Type.String({ description: 'Id of the request, as the log has it.' }),
    problems: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({ description: 'JSON pointer into the request.' }),
          row: Type.Optional(Type.Integer({ description: 'Row of the readings, from 1.' })),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { $id: 'Problem', additionalProperties: true, description: 'Problem details, RFC 9457.' },
);
