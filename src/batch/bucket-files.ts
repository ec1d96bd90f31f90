import type { PartFiles } from "../store/index.js";
import { parseBucketUrl } from "./app-location.js";
import { type S3, s3Error } from "./s3-client.js";

/**
 * The files of a store below a bucket's prefix. An object appears whole or not at all, so that parts need no names of
 * their own while they are written.
 *
 * @param url `s3://bucket/prefix`
 */
export function bucketFiles({ client, commands }: S3, url: string): PartFiles {
  const { bucket: Bucket, key } = parseBucketUrl(url);
  const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  const shown = (path: string) => `s3://${Bucket}/${prefix}${path}`;
  return {
    async read(path) {
      try {
        const { Body } = await client.send(new commands.GetObjectCommand({ Bucket, Key: prefix + path }));
        return await Body?.transformToByteArray();
      } catch (error) {
        const answered = s3Error(error, shown(path));
        if (answered?.code === "not-found" && (error as Error).name === "NoSuchKey") return undefined;
        throw answered ?? error;
      }
    },
    async list(folder) {
      const Prefix = folder === "" ? prefix : `${prefix}${folder}/`;
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        try {
          const page = await client.send(
            new commands.ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }),
          );
          for (const { Key } of page.Contents ?? [])
            if (Key !== undefined) found.push(Key.slice(prefix.length));
          ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
        } catch (error) {
          throw s3Error(error, shown(folder)) ?? error;
        }
      } while (ContinuationToken !== undefined);
      return found.sort();
    },
    async write(path, bytes) {
      try {
        await client.send(
          new commands.PutObjectCommand({
            Bucket,
            Key: prefix + path,
            Body: bytes,
            ContentLength: bytes.length,
          }),
        );
      } catch (error) {
        throw s3Error(error, shown(path)) ?? error;
      }
    },
  };
}
