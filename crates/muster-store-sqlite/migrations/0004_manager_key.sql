-- Managers are found by index from now on, so that deleting a person finds those whose manager he was. From here on
-- every write of a document keeps the entry; this makes those of documents that are there already.
INSERT INTO resource_key (tenant, type, attribute, value, id, unique_scope)
SELECT r.tenant, r.type, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value',
       json_extract(d.document, '$."urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".manager.value'),
       r.id, NULL
FROM resource AS r CROSS JOIN resource_document AS d ON d.number = r.document_number AND d.tenant = r.tenant
WHERE r.type = 'User'
  AND json_type(d.document, '$."urn:ietf:params:scim:schemas:extension:enterprise:2.0:User".manager.value') = 'text'
ON CONFLICT DO NOTHING;
