// Who used what, for many ARNs, by the AWS SDK for JavaScript: audit_sdk.mjs NODE_MODULES FILE-OF-ARNS SOCKETS
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import https from "node:https";

const [folder, file, sockets] = process.argv.slice(2);
const require = createRequire(folder + "/");
const sdk = require("@aws-sdk/client-iam");
const client = new sdk.IAMClient({
  endpoint: process.env.AWS_ENDPOINT_URL,
  requestHandler: { httpsAgent: new https.Agent({ keepAlive: true, maxSockets: Number(sockets) }) },
});
const arns = readFileSync(file, "utf8").split(/\s+/).filter(Boolean);

async function audit(Arn) {
  const { JobId } = await client.send(new sdk.GenerateServiceLastAccessedDetailsCommand({ Arn }));
  let first, lines = "";
  for (;;) {
    first = await client.send(new sdk.GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }));
    if (first.JobStatus !== "IN_PROGRESS") break;
    await new Promise((done) => setTimeout(done, 500));
  }
  for (const service of first.ServicesLastAccessed) {
    if (!service.TotalAuthenticatedEntities) continue;
    let Marker;
    do {
      const page = await client.send(new sdk.GetServiceLastAccessedDetailsWithEntitiesCommand(
        { JobId, ServiceNamespace: service.ServiceNamespace, Marker, MaxItems: 1000 }));
      for (const entity of page.EntityDetailsList)
        lines += JSON.stringify({ ReportArn: Arn, ServiceNamespace: service.ServiceNamespace, ...entity.EntityInfo,
                                  LastAuthenticated: entity.LastAuthenticated }) + "\n";
      Marker = page.IsTruncated ? page.Marker : undefined;
    } while (Marker !== undefined);
  }
  process.stdout.write(lines);
}

let next = 0;
await Promise.all(Array.from({ length: Number(sockets) }, async () => {
  while (next < arns.length) await audit(arns[next++]);
}));
