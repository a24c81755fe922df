// What `.ci/browser` does in a browser. The argument is the file with what `disco serve --json` said.
const { chromium } = require("playwright-core");
const fs = require("node:fs");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const said = JSON.parse(fs.readFileSync(process.argv[2], "utf8").split("\n")[0]);
const wrong = [];

async function look(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      // The page's own policy lets no stranger's script in: the rules come in as the developer's console would bring them.
      const found = await page.evaluate(axe + "; axe.run()");
      for (const rule of found.violations) {
        wrong.push(`${name}, ${colorScheme}, ${width}: ${rule.id} at ${rule.nodes.map((node) => node.target.join(" ")).join(", ")}`);
      }
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      if (wide > width) wrong.push(`${name}, ${colorScheme}: scrolls sideways, ${wide} of ${width}`);
      await page.screenshot({ path: `target/browser/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
}

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await (await browser.newContext()).newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (fault) => wrong.push(`${page.url()}: ${fault}`));
  page.on("request", (request) => request.url().startsWith(said.url) || wrong.push(`asks ${request.url()}`));
  await page.goto(`${said.url}/sign-in`);
  await look(page, "sign-in");
  await page.goto(said.sign_in);
  await look(page, "projects");
  await page.click("text=hadoop");
  await look(page, "project");
  const project = page.url();
  await page.goto(`${said.url}/frameworks`);
  await look(page, "frameworks");
  await page.goto(project);
  await page.click("a[href*='/clusters/']");
  await look(page, "cluster");
  await page.click("text=Files and settings");
  await look(page, "values");
  await page.goto(project);
  await page.click("text=Files of nodes");
  await look(page, "files");
  await page.click("text=hdfs-site.xml >> nth=0");
  await look(page, "file");
  // By the keyboard: a key of one's own, and back.
  const own = async (value) => {
    await page.focus("#new_key");
    await page.keyboard.type("dfs.datanode.handler.count");
    await page.focus("#new_value");
    await page.keyboard.type(value);
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  };
  await own("12");
  if (!(await page.locator("input[value='12']").count())) wrong.push("a key that was set is not shown");
  await look(page, "file-changed");
  await page.fill("input[value='12']", "");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.goto(`${said.url}/new`);
  await look(page, "new");
  await page.goto(`${said.url}/suggest`);
  await look(page, "questions");
  await page.check("#work-stream");
  await page.selectOption("#answer", { index: 1 });
  await page.click("text=Show what fits");
  await look(page, "suggested");
  await page.goto(project);
  await page.click("text=as a form");
  await look(page, "form");
  // By the keyboard: a setting that nobody has set, in the first block that hides some.
  await page.click("summary >> nth=0");
  await look(page, "form-open");
  await page.goto(project);
  await page.click("a[href$='.disco.hcl'] >> nth=0");
  await look(page, "edit");
  const text = await page.inputValue("#text");
  await page.fill("#text", text.replace("image", "imagee"));
  await page.locator("#found", { hasText: "imagee" }).waitFor();
  // By the keyboard alone from here on.
  await page.fill("#text", `${text}\n# changed\n`);
  await page.focus("button[value=save]");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await page.goto(project);
  await page.click("summary >> text=Destroy");
  await page.focus("button.danger");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/plans\//);
  await look(page, "plan");
  for (const box of await page.locator("input[name=lost]").all()) {
    await box.focus();
    await page.keyboard.press("Space");
  }
  await page.focus("#typed");
  await page.keyboard.type("hadoop");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/operations\//);
  await page.locator("#standing", { hasText: /succeeded|failed/ }).waitFor({ timeout: 120000 });
  await look(page, "operation");
  const standing = await page.innerText("#standing");
  if (!standing.includes("succeeded")) wrong.push(standing);
  await browser.close();
}

main().then(
  () => {
    if (wrong.length) {
      console.error([...new Set(wrong)].join("\n"));
      process.exit(1);
    }
    console.log("The pages are well.");
  },
  (fault) => {
    console.error(fault);
    process.exit(1);
  },
);
