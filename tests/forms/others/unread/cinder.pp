cinder_config { "nfs1/nas_secure_file_operations": value => "auto" }
