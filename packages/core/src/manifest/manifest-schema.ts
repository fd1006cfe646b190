import { z } from 'zod';
import type { Catalogue } from '../provider/route.js';
import { budgetSchema } from './budget-schema.js';
import { languageField } from './fields/language-field.js';
import { durationField } from './fields/measure-fields.js';
import { nameField } from './fields/name-fields.js';
import { objectPrefixField, pathField, SHARED_FILE, urlField } from './fields/place-fields.js';
import { scalar } from './fields/scalar.js';
import { outputNameField } from './fields/template-fields.js';
import { booleanField, textField, wordField } from './fields/text-fields.js';
import type { ManifestValues } from './manifest.js';
import { notifySchema } from './notify-schema.js';
import { providersSchema } from './provider-schema.js';
import { list, mapping, named } from './schema-parts.js';
import { labelsSchema, settingsShape } from './settings-schema.js';
import { videoSchema } from './video-schema.js';

/**
 * The manifest's schema, as a function of the catalogue: the one description of the file, from which its checks and
 * the JSON Schema for editors are made. Its zod messages are material for {@link parseManifest}, not for people.
 */
export function manifestSchema(catalogue: Catalogue): z.ZodType<ManifestValues> {
  const schema = mapping('a manifest: a mapping with version, batch and videos', {
    version: versionField().describe('Version of the manifest’s language: 1.'),
    batch: nameField('a name such as spring-launch').describe('Name of the batch; also its folder under `output.dir`.'),
    extends: pathField(SHARED_FILE)
      .describe(
        'A file with what many manifests share, from this file’s folder. What stands here wins; mappings merge key by key.',
      )
      .optional(),
    languages: list('a list of language tags such as [de, pt-BR, ja]', languageField())
      .describe('The languages that every video must have.')
      .optional(),
    language_names: named('names with their tags, such as { German: de }', languageField())
      .describe('Names that folders and files have in the place of {lang} where they are no tags: { German: de }.')
      .optional(),
    on_missing_track: wordField(['error', 'warn'] as const)
      .describe('What a missing language of a video is: an error (default) or a warning.')
      .optional(),
    labels: labelsSchema().optional(),
    defaults: mapping('settings for every job', settingsShape(catalogue))
      .describe('Settings for every job; a video or a track may set them again, and the nearest wins.')
      .optional(),
    budget: budgetSchema(catalogue).optional(),
    on_uncertain: wordField(['hold', 'absent', 'resubmit'] as const)
      .describe(
        'When nobody knows whether a create was bought: hold it (default), buy again once its absence is proven, or buy again, at most twice, where it is not found in time.',
      )
      .optional(),
    failover_on_rejection: booleanField()
      .describe('Whether content that one provider rejects is tried at the next.')
      .optional(),
    emulate: booleanField().describe('Run on the built-in emulator: no keys, no money.').optional(),
    output: mapping('a mapping such as { dir: ./localized }', {
      dir: pathField('a folder such as ./localized')
        .describe('Folder for the batches’ folders. Default: ./localized.')
        .optional(),
      name: outputNameField()
        .describe('Name of each output, from {video} and {lang}. Default: {video}/{video}.{lang}.mp4.')
        .optional(),
      s3: mapping('a bucket: { bucket, endpoint, region }', bucketShape())
        .describe('A bucket that speaks S3, to which every output and its sidecar are delivered too.')
        .optional(),
      audio: wordField(['provider', 'track'] as const)
        .describe(
          'Whose sound an output has: what the provider made (provider, the default), or the very files under tracks (track).',
        )
        .optional(),
    })
      .describe('Where the localized videos go, and what is made of them.')
      .optional(),
    notify: notifySchema().optional(),
    providers: providersSchema(catalogue).optional(),
    staging: stagingSchema().optional(),
    videos: list('a list of videos', videoSchema(catalogue)).describe('The videos and their tracks.'),
  }).describe('A batch of videos and the languages to localize them into.');
  return schema as unknown as z.ZodType<ManifestValues>;
}

/** A file that is extended may have it. */
const VERSION_NEEDED = { anyOf: [{ required: ['version'] }, { required: ['extends'] }] } as const;

/** The same as a JSON Schema of the draft that YAML editors read. */
export function manifestJsonSchema(catalogue: Catalogue): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(manifestSchema(catalogue), { io: 'input', target: 'draft-7' });
  const required = schema.required?.filter((field) => field !== 'version');
  return { ...schema, required, ...VERSION_NEEDED, title: 'localize manifest' };
}

function versionField() {
  return scalar<1>('version: 1', { type: 'integer', enum: [1] }, (value) =>
    value === 1 ? { value } : { problem: `is ${JSON.stringify(value)}`, expected: '1, the only version so far' },
  );
}

function bucketShape() {
  return {
    bucket: textField('the name of a bucket').describe('Name of the bucket.'),
    endpoint: urlField('https://s3.eu-central-1.example.com').describe('The storage’s URL.'),
    region: textField('a region such as eu-central-1').describe('Region of the bucket.'),
    prefix: objectPrefixField().describe('Put before the name of every object.').optional(),
  };
}

function stagingSchema() {
  const s3 = mapping('a bucket: { bucket, endpoint, region }', {
    ...bucketShape(),
    presign: durationField()
      .describe(
        'How long a presigned URL lives: never shorter than an attempt may last, and no longer than temporary credentials do.',
      )
      .optional(),
    public_base_url: z
      .union([z.null(), urlField('https://cdn.example.com', { isBase: true })], { error: 'a URL, or null' })
      .describe('Where the objects can be read without a signature; null when they cannot.')
      .optional(),
  });
  return mapping('{ s3: { bucket, endpoint, region } }', {
    s3: s3.describe('A bucket that speaks S3.'),
  }).describe('A bucket of your own through which local files reach the providers.');
}
