// A SCIM server of scimmy-routers over two maps in memory, as its documentation shows how to make one.
//
// The package parses, filters, patches and formats; these handlers only keep what it hands over, refuse a second user
// name, keep track of dates, and say 404 for what is not there. What the conformance suite finds is the package's own.
import { randomUUID } from "node:crypto";

import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const port = Number(process.argv[2] ?? 0);
const token = process.env.THIRD_PARTY_TOKEN;

const people = new Map();
const circles = new Map();

const found = (store, id) => {
    const instance = store.get(id);
    if (!instance) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
    return instance;
};

const read = (store, resource) => {
    if (resource.id) return found(store, resource.id);
    const all = [...store.values()];
    return resource.filter ? resource.filter.match(all) : all;
};

const write = (store, resource, instance, key) => {
    const kept = resource.id ? found(store, resource.id) : undefined;
    const name = instance[key]?.toLowerCase();
    for (const [id, other] of store) {
        if (key === "userName" && id !== resource.id && other[key].toLowerCase() === name)
            throw new SCIMMY.Types.Error(409, "uniqueness", `${key} is taken`);
    }
    const id = resource.id ?? randomUUID();
    const now = new Date().toISOString();
    const written = { ...instance, id, meta: { created: kept?.meta.created ?? now, lastModified: now } };
    store.set(id, JSON.parse(JSON.stringify(written)));
    return store.get(id);
};

const remove = (store, resource) => {
    found(store, resource.id);
    store.delete(resource.id);
};

SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false))
    .ingress((resource, instance) => write(people, resource, instance, "userName"))
    .egress((resource) => read(people, resource))
    .degress((resource) => {
        remove(people, resource);
        for (const circle of circles.values())
            circle.members = circle.members?.filter(({ value }) => value !== resource.id);
    });

SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress((resource, instance) => write(circles, resource, instance, "displayName"))
    .egress((resource) => read(circles, resource))
    .degress((resource) => remove(circles, resource));

const app = express();
app.use("/scim", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("Authorization not detected!");
        return "administrator";
    },
}));
const server = app.listen(port, "127.0.0.1", () => {
    console.log(`ready at http://127.0.0.1:${server.address().port}/scim`);
});
