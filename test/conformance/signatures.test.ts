import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  AclField,
  computeSignature,
  Credentials,
  SigningAlgorithm,
  signRequest,
} from '../../protocol/index.ts';
import type { ExtFields } from '../../protocol/index.ts';
import { GENERATIONS, type SignatureVector, signatureVectors } from './golden-vectors.ts';

const bytesOf = (hex: string | undefined): Buffer | undefined =>
  hex === undefined ? undefined : Buffer.from(hex, 'hex');

describe('conformance: signatures', () => {
  for (const generation of GENERATIONS) {
    const vectors = signatureVectors(generation);
    const ofKind = <K extends SignatureVector['kind']>(kind: K): Extract<SignatureVector, { kind: K }>[] =>
      vectors.filter((vector): vector is Extract<SignatureVector, { kind: K }> => vector.kind === kind);

    it(`are those of the hook of Java ${generation}`, () => {
      const requests = ofKind('request');
      expect(requests).to.have.lengthOf.at.least(15);
      for (const { name, accessKey, secretKey, securityToken, signature, body, ext } of requests) {
        expect(computeSignature(ext, bytesOf(body), secretKey), name).to.equal(signature);
        const unsigned: ExtFields = { ...ext };
        for (const added of Object.values(AclField)) delete unsigned[added];
        const credentials = new Credentials({ accessKey, secretKey, securityToken });
        expect(signRequest(unsigned, bytesOf(body), credentials), name).to.equal(signature);
        expect({ ...unsigned, [AclField.signature]: signature }, name).to.deep.equal(ext);
      }
    });

    it(`are those of each algorithm of Java ${generation}`, () => {
      const contents = ofKind('algorithm');
      expect([...new Set(contents.map(({ algorithm }) => algorithm))]).to.have.members(
        Object.keys(SigningAlgorithm),
      );
      for (const { algorithm, content, secretKey, signature } of contents)
        expect(computeSignature({}, bytesOf(content), secretKey, algorithm), algorithm).to.equal(signature);
    });
  }
});
