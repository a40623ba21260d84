// Every entity as a JSON line, by the AWS SDK for JavaScript: list_sdk.mjs FOLDER-OF-NODE_MODULES JOB NAMESPACE
import { createRequire } from "node:module";

const [folder, JobId, ServiceNamespace] = process.argv.slice(2);
const sdk = createRequire(folder + "/")("@aws-sdk/client-iam");
const client = new sdk.IAMClient({ endpoint: process.env.AWS_ENDPOINT_URL });
let Marker;
do {
  const page = await client.send(
    new sdk.GetServiceLastAccessedDetailsWithEntitiesCommand({ JobId, ServiceNamespace, Marker }));
  let lines = "";
  for (const entity of page.EntityDetailsList) lines += JSON.stringify(entity) + "\n";
  process.stdout.write(lines);
  Marker = page.IsTruncated ? page.Marker : undefined;
} while (Marker !== undefined);
