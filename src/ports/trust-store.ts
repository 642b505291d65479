import type { ArtifactRef, ModelType } from '../events/values.ts';

/** Where signed metadata and the targets that are to be signed are kept, for all nodes of a cloud. */

/** One version of a role's file: `root`, `timestamp`, `snapshot`, `targets`, or a bin. */
export interface MetadataFile {
  readonly role: string;
  /** From 1. */
  readonly version: number;
  /** The file as it is served. */
  readonly body: string;
  readonly expires: Date;
  /** The keys that signed it. */
  readonly keyIds: readonly string[];
}

/** A model's file that one device of one site shall be able to install. */
export interface TargetRequest {
  /** The name under which it is signed. */
  readonly name: string;
  readonly systemId: string;
  readonly deviceId: string;
  readonly version: string;
  readonly modelType: ModelType;
  readonly artifact: ArtifactRef;
}

export interface TargetState extends TargetRequest {
  /** The bin and the version of it in which it was signed first; null until then. */
  readonly signed: { readonly bin: string; readonly version: number } | null;
  /** Why it will never be signed. */
  readonly refusal: string | null;
}

/** What one round of signing brought. */
export interface SignedTargets {
  readonly names: readonly string[];
  readonly bin: string;
  readonly version: number;
}

export interface TrustStore {
  /** The newest version of a role. */
  latest(role: string): Promise<MetadataFile | null>;
  /** The file of a version; null when there never was one, or it was pruned. */
  read(role: string, version: number): Promise<MetadataFile | null>;
  /** The newest of `targets` and of every bin, without their bodies. */
  targetFiles(): Promise<readonly Omit<MetadataFile, 'body'>[]>;
  /** Adds files and what was signed with them: all, or nothing and false when another node wrote a version first. */
  add(files: readonly MetadataFile[], signed?: readonly SignedTargets[]): Promise<boolean>;
  target(name: string): Promise<TargetState | null>;
  /**
   * Asks for a target to be signed; for one that is asked for already, as it is, nothing changes. A device's older
   * targets, and those of a site's former devices, are dropped and are gone when their bins are signed again.
   */
  request(target: TargetRequest): Promise<void>;
  /** Targets that wait to be signed, oldest first. */
  unsigned(limit: number): Promise<readonly TargetRequest[]>;
  /** Targets of a bin that are signed. */
  targetsIn(bin: string): Promise<readonly TargetRequest[]>;
  refuse(name: string, reason: string): Promise<void>;
  /** Forgets versions that were replaced more than `olderThanMs` ago; roots stay. Returns how many. */
  prune(olderThanMs: number): Promise<number>;
}
