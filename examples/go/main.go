package main

import (
	personalize "example.com/pulumi-personalize-permissions/sdk/go/personalizepermissions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		var analysts []string
		settings.RequireObject("analysts", &analysts)
		bucket := settings.Require("bucket")

		policy := personalize.PolicyChoiceLeastPrivilege
		cloudwatch := personalize.CloudWatchChoiceFullAccessV2
		permissions, err := personalize.NewPersonalizePermissions(ctx, "recommendations", &personalize.PersonalizePermissionsArgs{
			Users:       pulumi.ToStringArray(analysts),
			Policy:      &policy,
			Cloudwatch:  &cloudwatch,
			ServiceRole: personalize.ServiceRoleArgs{MaxSessionDuration: pulumi.Int(7200)},
			Buckets: personalize.PersonalizeBucketArray{personalize.PersonalizeBucketArgs{
				Bucket: pulumi.String(bucket),
				Uses:   personalize.BucketUseArray{personalize.BucketUseImport, personalize.BucketUseBatch},
				Prefix: pulumi.String("personalize/"),
			}},
			Tags: pulumi.StringMap{"application": pulumi.String("shop")},
		})
		if err != nil {
			return err
		}
		ctx.Export("serviceRoleArn", permissions.ServiceRoleArn)
		ctx.Export("trustPolicy", permissions.TrustPolicy)
		ctx.Export("bucketPolicy", permissions.BucketPolicies.MapIndex(pulumi.String(bucket)))
		return nil
	})
}
