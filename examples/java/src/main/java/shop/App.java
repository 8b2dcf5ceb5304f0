package shop;

import com.pulumi.Pulumi;
import com.pulumi.personalizepermissions.PersonalizePermissions;
import com.pulumi.personalizepermissions.PersonalizePermissionsArgs;
import com.pulumi.personalizepermissions.enums.BucketUse;
import com.pulumi.personalizepermissions.enums.CloudWatchChoice;
import com.pulumi.personalizepermissions.enums.PolicyChoice;
import com.pulumi.personalizepermissions.inputs.PersonalizeBucketArgs;
import com.pulumi.personalizepermissions.inputs.ServiceRoleArgs;
import java.util.Map;

public class App {
    public static void main(String[] args) {
        Pulumi.run(context -> {
            var bucket = context.config().require("bucket");
            var permissions = new PersonalizePermissions("recommendations", PersonalizePermissionsArgs.builder()
                .users(context.config().require("analyst"))
                .policy(PolicyChoice.LeastPrivilege)
                .cloudwatch(CloudWatchChoice.FullAccessV2)
                .serviceRole(ServiceRoleArgs.builder().maxSessionDuration(7200).build())
                .buckets(PersonalizeBucketArgs.builder()
                    .bucket(bucket)
                    .uses(BucketUse.Import, BucketUse.Batch)
                    .prefix("personalize/")
                    .build())
                .tags(Map.of("application", "shop"))
                .build());
            context.export("serviceRoleArn", permissions.serviceRoleArn());
            context.export("trustPolicy", permissions.trustPolicy());
        });
    }
}
