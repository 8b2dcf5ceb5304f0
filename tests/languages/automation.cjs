// Runs the compiled program beside it through the Automation API: node automation.cjs COMPONENTS CONFIG COMMAND...
// Each command's outcome is a line of JSON.
const automation = require("@pulumi/pulumi/automation");

const entry = require.resolve("./bin/index.js");

async function program() {
    delete require.cache[entry]; // a program starts anew with each command
    return { ...require(entry) };
}

async function main([components, config, ...commands]) {
    const stack = await automation.LocalWorkspace.createOrSelectStack(
        { stackName: "test", projectName: "recommendations", program },
        {
            projectSettings: {
                name: "recommendations",
                runtime: "nodejs",
                packages: { "personalize-permissions": components },
            },
        },
    );
    for (const [key, value] of Object.entries(JSON.parse(config))) {
        await stack.setConfig(key, { value: typeof value === "string" ? value : JSON.stringify(value) });
    }
    for (const command of commands) {
        try {
            const done = await stack[command]();
            const outputs = Object.entries(await stack.outputs()).map(([name, output]) => [name, output.value]);
            const changes = done.changeSummary ?? done.summary.resourceChanges;
            console.log(JSON.stringify({ command, changes, outputs: Object.fromEntries(outputs) }));
        } catch (error) {
            console.log(JSON.stringify({ command, error: String(error.message) }));
        }
    }
}

main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
