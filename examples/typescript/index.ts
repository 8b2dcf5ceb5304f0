import * as personalize from "@pulumi/personalize-permissions";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const analysts = config.requireObject<string[]>("analysts");
const bucket = config.require("bucket");

const permissions = new personalize.PersonalizePermissions("recommendations", {
    users: analysts,
    policy: "least-privilege",
    cloudwatch: personalize.CloudWatchChoice.FullAccessV2,
    serviceRole: { maxSessionDuration: 7200 },
    buckets: [{ bucket, uses: ["import", "batch"], prefix: "personalize/" }],
    tags: { application: "shop" },
});

export const serviceRoleArn = permissions.serviceRoleArn;
export const trustPolicy = permissions.trustPolicy;
export const bucketPolicy = permissions.bucketPolicies.apply((policies) => policies[bucket]);
